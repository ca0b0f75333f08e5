// refused: loop in line 11, int sum<short>(short const*, int)
#include <cstdint>

namespace {

/// As many turns as an argument says.
template <class T>
int sum(const T* values, int count) {
    int result = 0;
    // The values are not added by a formula: they stand in a memory.
    for (int i = 0; i < count; ++i) result += values[i];
    return result;
}

}  // namespace

extern "C" int top(const std::int16_t* values, int count) { return sum(values, count); }
