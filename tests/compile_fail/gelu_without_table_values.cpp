// expect: layer_error<.*layer_number<0.*gelu.*expects_table_values
#include <kaon/kaon.hpp>
using net = kaon::network<kaon::input<kaon::fixed<8, 4>, 3>, kaon::gelu>;
net::output y;
