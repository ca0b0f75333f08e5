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
    file(const std::string& header, std::size_t bytes, int number = 0) {
        path += std::to_string(number);
        std::ofstream out(path, std::ios::binary);
        std::uint64_t length = header.size();
        for (int i = 0; i < 8; ++i) out.put(static_cast<char>(length >> (8 * i) & 255));
        out << header;
        const float values[] = {1.0f, 2.0f, 3.0f, 4.0f};
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
    CHECK(has(refusal(replaced(good, "[2,1]", "[1,2]")), "tensor 'fc.weights' has shape [1, 2], the network's is [2, 1]"));
    CHECK(has(refusal(replaced(good, "fc.bias", "fc.bios")), "among 'fc.bios'"));
    CHECK(has(refusal(replaced(good, "\"F32\",\"shape\":[2,1]", "\"I32\",\"shape\":[2,1]")),
              "tensor 'fc.weights' is of type I32, not F32"));
    CHECK(has(refusal(replaced(good, "F32", "F31")), "tensor 'fc.weights' is of the unknown type 'F31'"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[8,12],\"also\":1")), "tensor 'fc.bias' has the field 'also'"));
    CHECK(has(refusal(replaced(good, "\"dtype\":\"F32\",", "")), "tensor 'fc.weights' lacks dtype, shape or data_offsets"));
    const std::string extra = R"("extra":{"dtype":"U8","shape":[0],"data_offsets":[12,12]},)";
    CHECK(has(refusal(replaced(good, "\"fc.b", extra + "\"fc.b")), "tensor 'extra' belongs to no layer"));
}

TEST_CASE("ranges of a file are disjoint and leave nothing out") {
    CHECK(has(refusal(replaced(good, "[8,12]", "[9,13]")), "tensor 'fc.bias' has data_offsets [9, 13] that do not fit"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[4,8]")), "tensor 'fc.bias' overlaps the tensor before it"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[12,8]")), "do not fit"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[10,14]"), 14),
              "tensor 'fc.bias' begins after bytes that belong to no tensor"));
    CHECK(has(refusal(good, 8), "tensor 'fc.bias' has data_offsets"));
    CHECK(has(refusal(good, 11), "do not fit"));
    CHECK(has(refusal(good, 13), "the file has 1 bytes after its last tensor"));
    const std::string huge = "[4294967296,4294967296,4294967296]";
    CHECK(has(refusal(replaced(good, "[2,1]", huge)), "which is beyond any memory"));
    // 2^62 numbers of 4 bytes are 0 bytes where nobody looks.
    CHECK(has(refusal(replaced(good, "[2,1]", "[4611686018427387904,4]")), "which is beyond any memory"));
    CHECK(has(refusal(replaced(good, "[0,8]", "[0,18446744073709551615]")), "do not fit"));
}

TEST_CASE("a header holds what the format has and nothing else, once") {
    CHECK(has(refusal("[1]"), "no JSON object"));
    CHECK(has(refusal("{"), "no JSON from byte"));
    CHECK(has(refusal(good + "x"), "no JSON from byte"));
    CHECK(has(refusal(""), "no JSON object"));
    CHECK(has(refusal(" " + good), "no JSON object"));
    CHECK(has(refusal(replaced(good, "fc.bias", "fc.weights")), "tensor 'fc.weights' is described twice"));
    CHECK(has(refusal(replaced(good, "\"dtype\"", "\"dtype\":\"F32\",\"dtype\"")), "tensor 'fc.weights' has 'dtype' twice"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[-8,12]")), "tensor 'fc.bias' has a negative number"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[8.0,12]")), "tensor 'fc.bias' has a number that is not whole"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[8,12,16]")), "data_offsets that are not two numbers"));
    CHECK(has(refusal(replaced(good, "[8,12]", "[[8,12]]")), "tensor 'fc.bias' has a list"));
    CHECK(has(refusal(replaced(good, "[2,1]", "[1,1,1,1,1,1,1,1,2]")), "more than 8 numbers"));
    CHECK(has(refusal(replaced(good, "[2,1]", "null")), "tensor 'fc.weights' has null"));
    CHECK(has(refusal(std::string(100000, '[')), "no JSON object"));
    CHECK(has(refusal("{\"a\":" + std::string(100000, '[')), "tensor 'a' has a list"));
    CHECK(has(refusal("{\"a\":" + std::string(100000, '{')), "no JSON from byte"));
    CHECK(has(refusal("{\"a\\nb\":1}"), "tensor 'a?b' has a number"));
    CHECK(has(refusal(replaced(good, "{\"fc.w", R"({"__metadata__":{"a":1},"fc.w)")), "tensor '__metadata__' has a number"));
    CHECK(has(refusal(replaced(good, "{\"fc.w", R"({"__metadata__":{"a":"","a":""},"fc.w)")), "has the entry 'a' twice"));
    CHECK(refusal(good + "   ").empty());  // what the format pads with
}

TEST_CASE("numbers that are none, and files that are none") {
    std::string bytes(good.size() + 20, '\0');
    bytes[0] = static_cast<char>(good.size() & 255);
    bytes[1] = static_cast<char>(good.size() >> 8);
    bytes.replace(8, good.size(), good);
    CHECK((*kaon::load<net>(bytes.data(), bytes.size(), "memory"))(net::input{{10.0f, 20.0f}})[0] == 0.0f);
    bytes.replace(8 + good.size() + 4, 4, std::string("\0\0\x80\x7f", 4));
    CHECK_THROWS_WITH_AS(kaon::load<net>(bytes.data(), bytes.size(), "memory"),
                         "memory: tensor 'fc.weights' is not finite at [1, 0]; convert the model again", kaon::error);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_THROWS_AS(kaon::load<net>(bytes.data(), size, "memory"), kaon::error);
    }
    CHECK_THROWS_AS(kaon::load<net>("there/is/no/such.file"), kaon::error);
    CHECK_THROWS_WITH_AS(kaon::load<net>("."), ".: the file is no regular file; convert the model again", kaon::error);
    CHECK_THROWS_WITH_AS(kaon::load<net>("/dev/zero"), "/dev/zero: the file is no regular file; convert the model again",
                         kaon::error);
}

TEST_CASE("a file for another network is refused where the program asks") {
    const std::string named = replaced(good, "{\"fc.w", R"({"__metadata__":{"network_sha256":"12ab"},"fc.w)");
    const file f(named, 12), plain(good, 12, 1);
    CHECK(kaon::load<net>(f.path, "12ab") != nullptr);
    CHECK(kaon::load<net>(f.path) != nullptr);
    CHECK_THROWS_AS(kaon::load<net>(f.path, "12ac"), kaon::error);
    CHECK_THROWS_AS(kaon::load<net>(plain.path, "12ab"), kaon::error);
}

TEST_CASE("doubles and raw integers") {
    using doubles = kaon::network<kaon::input<double, 2>, kaon::dense<1, fc>, kaon::relu>;
    const file f(good, 12);
    CHECK((*kaon::load<doubles>(f.path))(doubles::input{{10.0, 20.0}})[0] == 53.0);
    using number = kaon::fixed<6, 2>;
    using fixed = kaon::network<kaon::input<kaon::fixed<8, 4>, 2>, kaon::dense<1, fc, kaon::weights<number>>>;
    const std::string header =
        R"({"fc.weights":{"dtype":"I8","shape":[2,1],"data_offsets":[0,2]},"fc.bias":{"dtype":"I16","shape":[1],"data_offsets":[2,4]}})";
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size() & 255);
    bytes += header + std::string("\x10\xe0\x01\x00", 4);  // 1, -2, 1/16
    const auto y =
        (*kaon::load<fixed>(bytes.data(), bytes.size(), "memory"))({{kaon::fixed<8, 4>(3.0), kaon::fixed<8, 4>(0.5)}});
    CHECK(double(y[0]) == 3.0 - 1.0 + 0.0625);
    bytes[bytes.size() - 4] = '\x20';
    CHECK_THROWS_WITH_AS(
        kaon::load<fixed>(bytes.data(), bytes.size(), "memory"),
        "memory: tensor 'fc.weights' has at [0, 0] the integer 32, which the network's format cannot hold; convert the "
        "model again",
        kaon::error);
}
