// expect: an_integer_of_a_table_does_not_fit_its_type|must be initialized by a constant expression
#include <kaon/kaon.hpp>
#include <kaon/scalar/raw_parameters.hpp>
using net = kaon::network<kaon::input<kaon::fixed<8, 4>, 2>, kaon::dense<1>>;
constexpr signed char weights[2][1] = {};
constexpr short bias[1] = {128};
constexpr net::parameters refused = kaon::from_raw<net::parameters>(weights, bias);
