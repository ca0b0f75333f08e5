// expect: layer_error<.*layer_number<0.*tabulated.*expects_entry_for_each_value.*got<.*basic_fixed<4, 4
#include <kaon/kaon.hpp>
inline constexpr int entries[] = {0, 1, 2, 3};
using refused = kaon::network<kaon::input<kaon::fixed<4, 4>, 4>,
                              kaon::tabulated<kaon::table<kaon::fixed<4, 4>, 4>, kaon::table_values<entries>>>;
static_assert(refused::output::size > 0, "");
