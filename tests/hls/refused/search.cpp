// refused: loop in line 3, top
extern "C" int top(const int* values, int wanted) {
    while (*values != wanted) ++values;
    return values[1];
}
