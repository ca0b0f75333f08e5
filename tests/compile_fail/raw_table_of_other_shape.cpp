// expect: layer_error<.*table_number<1.*expects_tables_of_the_tensors.*got<.*signed char *\[2\]\[3\]
#include <kaon/kaon.hpp>
#include <kaon/scalar/raw_parameters.hpp>
using net = kaon::network<kaon::input<kaon::fixed<8, 4>, 2>, kaon::dense<3>>;
constexpr signed char weights[2][3] = {};
constexpr signed char bias[2] = {};
constexpr net::parameters refused = kaon::from_raw<net::parameters>(weights, bias);
