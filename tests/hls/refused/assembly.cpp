// refused: assembly in line 3, top
extern "C" int top(int n) {
    asm("" : "+r"(n));
    return n + 1;
}
