# What Doxygen sees of a header: no namespace detail; and what every layer has, which docs/layer-contract.md explains once, instead of
# each layer saying it again.
/^namespace (kaon::)?detail \{/,/^\}  \/\/ namespace (kaon::)?detail/s/.*//
/^ *template <.*>$/N
s#(using (tag|shares|verdict) =|static constexpr (char kind\[|option_kind takes\[|auto& takes|auto& kind|const char\* kind|bool (pointwise|merges|is_view)|std::size_t multiplications = [0-9])|using parameters = [a-z_]+_parameters<|static (constexpr )?[A-Za-z_:&]+ (apply|each|judge)\()#/** See docs/layer-contract.md. */ \1#
s#^using ([a-z_]+) = basic_\1<>;#/** \1 without a name or another option. */ &#
s#(^|\n)(inline constexpr bool [a-z_]+<)#\1/** As declared above. */ \2#
