// Forests from weight files: what was written comes back; numbers that are no trees are refused by the layer's name.
#include <doctest/doctest.h>

#include <kaon/io/safetensors.hpp>
#include <kaon/kaon.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

struct bdt {
    static constexpr char name[] = "bdt";
};
using net =
    kaon::network<kaon::input<float, 2>, kaon::forest<2, 8, 2, 1, kaon::less_or_equal, kaon::missing_by_direction, bdt>>;

struct arrays {
    std::vector<std::int32_t> roots{0, 5}, features{1, 0, -1, -1, -1, 0, -1, -1}, right{4, 3, 0, 0, 0, 7, 0, 0},
        missing_left{1, 0, 0, 0, 0, 0, 0, 0};
    std::vector<float> values{0.5f, -1, 1, 2, 4, 3, 8, 16}, base{32};
};

std::string file_of(const arrays& a) {
    std::string header = "{", data;
    const auto add = [&](const char* name, const char* type, const auto& numbers) {
        const std::size_t begin = data.size(), bytes = numbers.size() * 4;
        data.append(reinterpret_cast<const char*>(numbers.data()), bytes);
        header += std::string(header.size() > 1 ? "," : "") + "\"bdt." + name + "\":{\"dtype\":\"" + type +
                  "\",\"shape\":[" + std::to_string(numbers.size()) + "],\"data_offsets\":[" + std::to_string(begin) + "," +
                  std::to_string(begin + bytes) + "]}";
    };
    add("roots", "I32", a.roots);
    add("features", "I32", a.features);
    add("right", "I32", a.right);
    add("missing_left", "I32", a.missing_left);
    add("values", "F32", a.values);
    add("base", "F32", a.base);
    header += "}";
    std::string file;
    for (int i = 0; i < 8; ++i) file += static_cast<char>(std::uint64_t(header.size()) >> (8 * i) & 255);
    return file + header + data;
}

template <class Change>
std::string refusal(Change change) {
    arrays a;
    change(a);
    const std::string file = file_of(a);
    try {
        (void)kaon::load<net>(file.data(), file.size(), "forest.safetensors");
    } catch (const kaon::error& error) {
        return error.what();
    }
    return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a forest from a file") {
    const std::string file = file_of({});
    const auto model = kaon::load<net>(file.data(), file.size(), "forest.safetensors");
    CHECK((*model)({{-2, 0.5f}})[0] == 41);
    CHECK((*model)({{4, 0.25f}})[0] == 50);
    CHECK((*model)({{0, 0.75f}})[0] == 44);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK((*model)({{nan, nan}})[0] == 50);
}

TEST_CASE("what is no forest is refused by name") {
    const auto loop = refusal([](arrays& a) { a.right[0] = 0; });
    CHECK(has(loop, "forest.safetensors: tensor 'bdt' holds no trees"));
    CHECK(has(refusal([](arrays& a) { a.features[0] = 2; }), "holds no trees"));
    CHECK(has(refusal([](arrays& a) { a.right[5] = 1 << 30; }), "holds no trees"));
    CHECK(has(refusal([](arrays& a) { a.roots[1] = -1; }), "holds no trees"));
    CHECK(has(refusal([](arrays& a) { a.values[3] = std::numeric_limits<float>::infinity(); }), "bdt.values"));
    CHECK(has(refusal([](arrays& a) { a.right.pop_back(); }), "bdt.right"));
    CHECK(refusal([](arrays&) {}).empty());
}
