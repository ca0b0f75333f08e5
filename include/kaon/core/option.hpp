// option.hpp: what may be written beside a layer's size: its name.
#pragma once

#include <cstddef>

namespace kaon {

/// The tag among a layer's options, or void: struct fc1 { static constexpr char name[] = "fc1"; };
template <class... Options>
struct tag_of {
    using type = void;
};
template <class Tag>
struct tag_of<Tag> {
    using type = Tag;
};

}  // namespace kaon
