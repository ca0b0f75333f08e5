// refused: indirect-call
extern "C" int top(int n, int (*f)(int)) { return f(n) + 1; }
