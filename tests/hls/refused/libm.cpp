// refused: libm
#include <cmath>

extern "C" int top(int n) { return static_cast<int>(std::exp(static_cast<float>(n))); }
