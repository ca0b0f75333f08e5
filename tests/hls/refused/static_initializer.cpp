// refused: static-initializer in line 3, __cxx_global_var_init
extern "C" int outside();
int start = outside();
extern "C" int top(int n) { return n + start; }
