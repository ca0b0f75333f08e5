// refused: static-initializer
extern "C" int outside();
int start = outside();
extern "C" int top(int n) { return n + start; }
