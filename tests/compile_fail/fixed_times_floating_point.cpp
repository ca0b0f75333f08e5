// expect: deleted
#include <kaon/scalar/fixed.hpp>
auto product(kaon::fixed<16, 6> a) { return a * 0.5; }
