// refused: libm in line 7, scaled(float)
#include <cmath>

namespace {

/// In a function of its own, which is inlined: the finding names it, and the line of the top that calls it.
int scaled(float x) { return static_cast<int>(::expf(x)); }

}  // namespace

extern "C" int top(int n) { return scaled(static_cast<float>(n)); }
