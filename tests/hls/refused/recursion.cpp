// refused: recursion in line 2, top
extern "C" int top(int n) { return n < 2 ? n : top(n - 1) * top(n - 2) + 1; }
