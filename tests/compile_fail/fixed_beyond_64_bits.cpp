// expect: fixed point beyond 64 bits
#include <kaon/kaon.hpp>
static_assert(sizeof(kaon::fixed<65, 4>) > 0, "");
