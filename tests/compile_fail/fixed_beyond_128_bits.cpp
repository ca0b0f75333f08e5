// expect: fixed point beyond 128 bits
#include <kaon/scalar/fixed.hpp>
static_assert(kaon::fixed<129, 4>::width == 129);
