// expect: layer_error<.*layer_number<0.*sigmoid.*expects_values<(\(std::size_t\))?4.*got<.*table_values
#include <kaon/kaon.hpp>
inline constexpr int entries[] = {0, 1, 2};
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 4>,
                              kaon::basic_sigmoid<kaon::table<kaon::fixed<4, 1>, 4>, kaon::table_values<entries>>>;
static_assert(refused::output::size > 0, "");
