// refused: external in line 3, top
extern "C" int outside(int);
extern "C" int top(int n) { return outside(n) + 1; }
