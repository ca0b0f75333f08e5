// error.hpp: what io throws.
#pragma once

#include <stdexcept>

namespace kaon {

/// A refused file; what() says the place, the cause and the remedy.
class error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace kaon
