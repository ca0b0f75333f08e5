// weight_file.hpp: a safetensors file in memory, believed only where every byte is accounted for. Opt-in, host only (nlohmann-json).
// Format: https://github.com/huggingface/safetensors, "Format".
#pragma once

#include "../core/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace kaon::detail {

/// A tensor as the header describes it: `first` and `last` count bytes from the header's end.
struct tensor_entry {
    std::string dtype;
    std::vector<std::uint64_t> shape;
    std::uint64_t first = 0, last = 0;
    bool has_dtype = false, has_shape = false, has_offsets = false;
};

/// Bytes of one number of a type of the format; 0 of an unknown one.
inline std::size_t bytes_of(const std::string& dtype) {
    static const std::pair<const char*, std::size_t> sizes[] = {
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2},
        {"BF16", 2}, {"U32", 4}, {"I32", 4}, {"F32", 4},     {"U64", 8},     {"I64", 8}, {"F64", 8}};
    for (const auto& [name, size] : sizes) {
        if (dtype == name) return size;
    }
    return 0;
}

/// Reads the header: {name: {dtype, shape, data_offsets}, "__metadata__": {name: text}} and nothing else, each key once. It stops at the
/// first token that is none of that, so that no file makes it build more than the header holds.
class header_reader {
public:
    std::map<std::string, tensor_entry> tensors;
    std::map<std::string, std::string> metadata;
    /// Why it stopped, and in which tensor.
    std::string cause, tensor;

    // What nlohmann::json calls; false stops it.
    bool null() { return refuse("null"); }
    bool boolean(bool) { return refuse("a boolean"); }
    bool number_integer(std::int64_t) { return refuse("a negative number"); }
    bool number_float(double, const std::string&) { return refuse("a number that is not whole"); }
    template <class Binary>
    bool binary(Binary&) {
        return refuse("bytes");
    }
    bool number_unsigned(std::uint64_t value) {
        if (place_ != place::shape && place_ != place::offsets) return refuse("a number");
        if (numbers_.size() == largest_rank)
            return stop("has more than " + std::to_string(largest_rank) + " numbers in a list");
        numbers_.push_back(value);
        return true;
    }
    bool string(std::string& value) {
        if (place_ == place::metadata) {
            metadata[key_] = value;
            return true;
        }
        if (place_ != place::dtype) return refuse("a text");
        entry_->dtype = value;
        entry_->has_dtype = true;
        place_ = place::entry;
        return true;
    }
    bool start_object(std::size_t) {
        if (place_ == place::start) {
            place_ = place::top;
        } else if (place_ == place::metadata_value) {
            place_ = place::metadata;
        } else if (place_ == place::entry_value) {
            place_ = place::entry;
        } else {
            return refuse("an object");
        }
        return true;
    }
    bool key(std::string& name) {
        if (place_ == place::top) return start_tensor(name);
        if (place_ == place::metadata) {
            key_ = name;
            return metadata.count(name) == 0 || stop("has the entry '" + name + "' twice");
        }
        const bool twice = (name == "dtype" && entry_->has_dtype) || (name == "shape" && entry_->has_shape) ||
                           (name == "data_offsets" && entry_->has_offsets);
        if (twice) return stop("has '" + name + "' twice");
        place_ = name == "dtype"          ? place::dtype
                 : name == "shape"        ? place::shape_value
                 : name == "data_offsets" ? place::offsets_value
                                          : place::unknown;
        return place_ != place::unknown || stop("has the field '" + name + "', which the format does not know");
    }
    bool end_object() {
        if (place_ == place::metadata) {
            place_ = place::top;
            tensor.clear();
        } else if (place_ == place::entry) {
            if (!entry_->has_dtype || !entry_->has_shape || !entry_->has_offsets)
                return stop("lacks dtype, shape or data_offsets");
            place_ = place::top;
            tensor.clear();
        }
        return true;
    }
    bool start_array(std::size_t) {
        numbers_.clear();
        if (place_ == place::shape_value) {
            place_ = place::shape;
        } else if (place_ == place::offsets_value) {
            place_ = place::offsets;
        } else {
            return refuse("a list");
        }
        return true;
    }
    bool end_array() {
        if (place_ == place::shape) {
            entry_->shape = numbers_;
            entry_->has_shape = true;
        } else {
            if (numbers_.size() != 2) return stop("has data_offsets that are not two numbers");
            entry_->first = numbers_[0];
            entry_->last = numbers_[1];
            entry_->has_offsets = true;
        }
        place_ = place::entry;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
        return stop("has a header that is no JSON from byte " + std::to_string(position) + " on");
    }

private:
    static constexpr std::size_t largest_rank = 8;
    enum class place {
        start,
        top,
        metadata_value,
        metadata,
        entry_value,
        entry,
        dtype,
        shape_value,
        shape,
        offsets_value,
        offsets,
        unknown
    };

    bool start_tensor(const std::string& name) {
        tensor = name;
        if (name == "__metadata__") {
            if (has_metadata_) return stop("is described twice");
            has_metadata_ = true;
            place_ = place::metadata_value;
            return true;
        }
        const auto [entry, is_new] = tensors.emplace(name, tensor_entry{});
        if (!is_new) return stop("is described twice");
        entry_ = &entry->second;
        place_ = place::entry_value;
        return true;
    }
    bool refuse(const char* what) {
        if (place_ == place::start) return stop("has a header that is no JSON object");
        return stop(std::string("has ") + what + " in its header where the format has none");
    }
    bool stop(std::string why) {
        if (cause.empty()) cause = std::move(why);
        return false;
    }

    place place_ = place::start;
    bool has_metadata_ = false;
    tensor_entry* entry_ = nullptr;
    std::string key_;
    std::vector<std::uint64_t> numbers_;
};

/// A weight file: its tensors by name, checked against each other and the bytes there are.
class weight_file {
public:
    /// Bytes of a header, at most; the format's own bound.
    static constexpr std::uint64_t largest_header = 100'000'000;

    /// expected: bytes of all numbers that the reader has room for; a file with far more is refused before it is read.
    weight_file(const std::string& path, std::uint64_t expected) : name_(path) {
        std::error_code failed;
        const auto status = std::filesystem::status(path, failed);
        if (!std::filesystem::exists(status)) refuse("", "does not exist, or cannot be reached");
        if (!std::filesystem::is_regular_file(status)) refuse("", "is no regular file");
        const std::uint64_t size = std::filesystem::file_size(path, failed);
        if (failed) refuse("", "has no size that can be read");
        if (size > 8 + largest_header + expected) {
            refuse("", "has " + std::to_string(size) + " bytes, more than a header and the network's numbers take");
        }
        std::ifstream stream(path, std::ios::binary);
        if (!stream) refuse("", "cannot be opened");
        bytes_.resize(static_cast<std::size_t>(size));
        stream.read(bytes_.data(), static_cast<std::streamsize>(size));
        if (static_cast<std::uint64_t>(stream.gcount()) != size) refuse("", "was cut while it was read");
        begin_ = bytes_.data();
        parse(bytes_.size());
    }
    weight_file(const void* bytes, std::size_t size, std::string name)
        : name_(std::move(name)), begin_(static_cast<const char*>(bytes)) {
        parse(size);
    }
    weight_file(const weight_file&) = delete;

    /// Copies tensor `name` of shape `extents`. Float: F32, or for double F64 too.
    template <class T>
    void read(const std::string& name, const std::vector<std::uint64_t>& extents, T* out) {
        const tensor_entry& entry = find(name, extents);
        if (entry.dtype == "F32") {
            copy<float>(name, entry, out);
        } else if (entry.dtype == "F64" && sizeof(T) == sizeof(double)) {
            copy<double>(name, entry, out);
        } else {
            refuse(name, "is of type " + entry.dtype + ", not F32" + (sizeof(T) == sizeof(double) ? " or F64" : ""));
        }
    }

    /// Copies the raw integers of tensor `name`: make(raw) for each. Any integer type; those beyond [lowest, highest] are refused.
    template <class T, class Make>
    void read_integers(const std::string& name, const std::vector<std::uint64_t>& extents, T* out, std::int64_t lowest,
                       std::int64_t highest, Make make) {
        const tensor_entry& entry = find(name, extents);
        const auto copy_as = [&](auto number) {
            for (std::size_t i = 0; i < count(entry); ++i) {
                std::memcpy(&number, start(entry) + i * sizeof number, sizeof number);
                const auto raw = static_cast<std::int64_t>(number);
                if (raw < lowest || raw > highest || (raw < 0) != (number < decltype(number)(1) && number != 0)) {
                    refuse(name, "has at " + position(entry, i) + " the integer " + std::to_string(number) +
                                     ", which the network's format cannot hold");
                }
                out[i] = make(raw);
            }
        };
        if (entry.dtype == "I8") return copy_as(std::int8_t());
        if (entry.dtype == "I16") return copy_as(std::int16_t());
        if (entry.dtype == "I32") return copy_as(std::int32_t());
        if (entry.dtype == "I64") return copy_as(std::int64_t());
        if (entry.dtype == "U8") return copy_as(std::uint8_t());
        if (entry.dtype == "U16") return copy_as(std::uint16_t());
        if (entry.dtype == "U32") return copy_as(std::uint32_t());
        refuse(name, "is of type " + entry.dtype + ", not raw integers (I8, I16, I32, I64, U8, U16, U32)");
    }

    /// Refuses a tensor or a layer, or without a name the file.
    [[noreturn]] void refuse(const std::string& tensor, const std::string& cause) const {
        throw error(name_ + ": " + (tensor.empty() ? "the file" : "tensor '" + printable(tensor) + "'") + " " +
                    printable(cause) + "; convert the model again");
    }
    /// What the file says of itself, or nullptr.
    const std::string* metadata(const std::string& key) const {
        const auto found = header_.metadata.find(key);
        return found == header_.metadata.end() ? nullptr : &found->second;
    }
    /// What it holds, by name.
    const std::map<std::string, tensor_entry>& tensors() const { return header_.tensors; }
    /// Refuses tensors that no layer asked for.
    void finish() const {
        for (const auto& [name, entry] : header_.tensors) {
            if (!std::binary_search(read_.begin(), read_.end(), name)) refuse(name, "belongs to no layer of the network");
        }
    }

    /// Refuses a file that was not written for the network of this hash.
    void require_network(const std::string& hash) const {
        const auto found = header_.metadata.find("network_sha256");
        if (found == header_.metadata.end()) refuse("", "does not say for which network it was written");
        if (found->second != hash) refuse("", "was written for another network (network_sha256 differs)");
    }

private:
    const tensor_entry& find(const std::string& name, const std::vector<std::uint64_t>& extents) {
        const auto found = header_.tensors.find(name);
        if (found == header_.tensors.end()) refuse(name, "is missing" + unread());
        if (found->second.shape != extents) {
            refuse(name, "has shape " + text(found->second.shape) + ", the network's is " + text(extents));
        }
        read_.insert(std::upper_bound(read_.begin(), read_.end(), name), name);
        return found->second;
    }
    /// The tensors that the file has instead, a few of them.
    std::string unread() const {
        std::string names;
        std::size_t listed = 0;
        for (const auto& [name, entry] : header_.tensors) {
            if (std::binary_search(read_.begin(), read_.end(), name)) continue;
            if (listed++ == 3) return names + ", ...";
            names += (names.empty() ? " among '" : ", '") + name.substr(0, 100) + "'";
        }
        return names;
    }

    template <class From, class T>
    void copy(const std::string& name, const tensor_entry& entry, T* out) const {
        for (std::size_t i = 0; i < count(entry); ++i) {
            From number;
            std::memcpy(&number, start(entry) + i * sizeof number, sizeof number);
            if (!std::isfinite(number)) refuse(name, "is not finite at " + position(entry, i));
            out[i] = static_cast<T>(number);
        }
    }
    const char* start(const tensor_entry& entry) const { return begin_ + data_ + entry.first; }
    static std::size_t count(const tensor_entry& entry) {
        return static_cast<std::size_t>(entry.last - entry.first) / bytes_of(entry.dtype);
    }

    void parse(std::size_t size) {
        if (size < 8) refuse("", "is shorter than the 8 bytes that give its header's length");
        std::uint64_t length = 0;
        for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(begin_[i]);
        if (length > largest_header) refuse("", "says that its header has " + std::to_string(length) + " bytes");
        if (length > size - 8) refuse("", "ends within its header");
        data_ = 8 + static_cast<std::size_t>(length);
        if (length == 0 || begin_[8] != '{') refuse("", "has a header that is no JSON object");
        if (!nlohmann::json::sax_parse(begin_ + 8, begin_ + data_, &header_) || !header_.cause.empty()) {
            refuse(header_.tensor, header_.cause);
        }
        check_ranges(size - data_);
    }

    /// Every byte belongs to one tensor, which is as long as its shape says.
    void check_ranges(std::uint64_t available) const {
        std::vector<std::pair<const std::string*, const tensor_entry*>> order;
        for (const auto& [name, entry] : header_.tensors) {
            std::uint64_t bytes = bytes_of(entry.dtype);
            if (bytes == 0) refuse(name, "is of the unknown type '" + entry.dtype.substr(0, 20) + "'");
            for (const std::uint64_t extent : entry.shape) {
                if (extent != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / extent) {
                    refuse(name, "has shape " + text(entry.shape) + ", which is beyond any memory");
                }
                bytes *= extent;
            }
            if (entry.first > entry.last || entry.last > available || entry.last - entry.first != bytes) {
                refuse(name, "has data_offsets " + text({entry.first, entry.last}) + " that do not fit its shape " +
                                 text(entry.shape) + " and the " + std::to_string(available) + " bytes of the file");
            }
            order.emplace_back(&name, &entry);
        }
        std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
            return std::pair(a.second->first, a.second->last) < std::pair(b.second->first, b.second->last);
        });
        std::uint64_t end = 0;
        for (const auto& [name, entry] : order) {
            if (entry->first < end) refuse(*name, "overlaps the tensor before it");
            if (entry->first > end) refuse(*name, "begins after bytes that belong to no tensor");
            end = entry->last;
        }
        if (end != available) refuse("", "has " + std::to_string(available - end) + " bytes after its last tensor");
    }

    static std::string text(const std::vector<std::uint64_t>& numbers) {
        std::string result;
        for (const std::uint64_t number : numbers) result += (result.empty() ? "" : ", ") + std::to_string(number);
        return "[" + result + "]";
    }
    static std::string position(const tensor_entry& entry, std::size_t index) {
        std::vector<std::uint64_t> at(entry.shape.size());
        for (std::size_t axis = at.size(); axis-- > 0; index /= static_cast<std::size_t>(entry.shape[axis])) {
            at[axis] = index % entry.shape[axis];
        }
        return text(at);
    }
    /// One line, whatever a name in the file holds.
    static std::string printable(const std::string& name) {
        std::string result = name.substr(0, 300);
        for (char& c : result) {
            if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
        }
        return result;
    }

    std::string name_;
    std::vector<char> bytes_;
    const char* begin_ = nullptr;
    std::size_t data_ = 0;
    header_reader header_;
    /// Sorted.
    std::vector<std::string> read_;
};

}  // namespace kaon::detail
