// refused: call
[[gnu::noinline]] int twice(int n) {
    asm("");
    return n * 2;
}
extern "C" int top(int n) { return twice(n) + 1; }
