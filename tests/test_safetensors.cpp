// Weights read at run time: what was written comes back; whatever is wrong is refused by name.
#include <doctest/doctest.h>

#include <kaon/io/safetensors.hpp>
#include <kaon/kaon.hpp>

#include <unistd.h>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

struct fc {
    static constexpr char name[] = "fc";
};
using net = kaon::network<kaon::input<float, 2>, kaon::dense<1, fc>, kaon::relu>;

const std::string good =
    R"({"fc.weights":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"fc.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})";

/// A file of this header and these bytes, removed with the object.
struct file {
    std::string path = "kaon_test_" + std::to_string(getpid()) + ".safetensors";
    file(const std::string& header, std::size_t bytes) {
        std::ofstream out(path, std::ios::binary);
        std::uint64_t length = header.size();
        for (int i = 0; i < 8; ++i) out.put(static_cast<char>(length >> (8 * i) & 255));
        out << header;
        const float values[] = {1.0f, 2.0f, 3.0f};
        out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(bytes));
    }
    ~file() { std::remove(path.c_str()); }
};

std::string refusal(const std::string& header, std::size_t bytes = 12) {
    const file f(header, bytes);
    try {
        kaon::load<net>(f.path);
    } catch (const kaon::error& e) {
        return e.what();
    }
    return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a weight file becomes a model") {
    const file f(good, 12);
    const auto model = kaon::load<net>(f.path);
    CHECK((*model)(net::input{{10.0f, 20.0f}})[0] == 53.0f);
}

TEST_CASE("a wrong weight file is refused with the tensor's name") {
    CHECK(has(refusal(replaced(good, "fc.bias", "fc.bios")), "tensor 'fc.bias' is missing"));
    CHECK(has(refusal(replaced(good, "[2,1]", "[1,2]")), "tensor 'fc.weights' has another shape"));
    CHECK(has(refusal(replaced(good, "F32", "F64")), "tensor 'fc.weights' is not of type F32"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[9,13]")), "tensor 'fc.bias' has data_offsets that do not fit"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[-8,12]")), "tensor 'fc.bias' has no data_offsets"));
    CHECK(has(refusal(good, 8), "tensor 'fc.bias' has data_offsets that do not fit"));
    CHECK(has(refusal(replaced(good, "{\"fc.w", "{\"extra\":{},\"fc.w")), "tensor 'extra' belongs to no layer"));
    CHECK(has(refusal("[1]"), "no JSON object"));
    CHECK(has(refusal("{"), "no JSON object"));
    CHECK_THROWS_AS(kaon::load<net>("there/is/no/such.file"), kaon::error);
}
