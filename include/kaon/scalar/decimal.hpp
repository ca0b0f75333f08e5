// decimal.hpp: decimal numbers of any length, doubled and halved exactly: how fixed point is written and read. Hosts only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kaon {
namespace detail {

/// A number's whole part modulo 2^bits, whether that is not all of it (or more than half of 2^bits), the first bit below it and
/// whether there are more.
template <class U>
struct whole_and_rest {
    U whole;
    bool beyond;
    bool half;
    bool rest;
};

/// 0.d1 d2 d3... * 10^point, not negative; no zeros at either end.
class decimal {
public:
    template <class U>
    static decimal of(U value) {
        decimal result;
        for (; value != 0; value /= 10) result.digits_.insert(result.digits_.begin(), static_cast<char>(value % 10));
        result.point_ = static_cast<long long>(result.digits_.size());
        result.trim();
        return result;
    }

    bool is_zero() const { return digits_.empty(); }

    /// The number that all of the text writes, as from_string says. False: it writes none.
    bool read(std::string_view text, bool& negative) {
        std::size_t at = 0;
        negative = !text.empty() && text[0] == '-';
        if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;
        const std::size_t whole = digits_at(text, at);
        std::size_t parts = 0;
        if (at < text.size() && text[at] == '.') parts = digits_at(text, ++at);
        point_ = static_cast<long long>(whole);
        if (whole + parts == 0 || !exponent_at(text, at) || at != text.size()) return false;
        trim();
        return true;
    }

    /// Times 2^exponent.
    void scale(int exponent) {
        for (; exponent > 0 && !is_zero(); --exponent) twice();
        for (; exponent < 0 && !is_zero(); ++exponent) half();
    }

    template <class U>
    whole_and_rest<U> whole() const {
        constexpr U most = U(~U(0)) / 2 + 1;
        whole_and_rest<U> result{0, false, false, false};
        const auto digits = static_cast<long long>(digits_.size());
        // Beyond as many zeros as there are bits the whole part is 0 modulo 2^bits.
        const long long zeros = point_ - digits;
        const long long read = zeros > bits<U> ? digits + bits<U> : point_;
        for (long long i = 0; i < read; ++i) {
            const auto digit = static_cast<U>(i < digits ? digits_[static_cast<std::size_t>(i)] : 0);
            result.beyond = result.beyond || result.whole > (most - digit) / 10;
            result.whole = static_cast<U>(result.whole * 10 + digit);
        }
        if (point_ < 0) {
            result.rest = !is_zero();
        } else if (point_ < digits) {
            const char first = digits_[static_cast<std::size_t>(point_)];
            result.half = first >= 5;
            result.rest = first % 5 != 0 || point_ + 1 < digits;
        }
        return result;
    }

    /// Every digit, without an exponent.
    std::string text() const {
        std::string result;
        const auto digits = static_cast<long long>(digits_.size());
        for (long long i = point_ < 1 ? point_ - 1 : 0; i < digits || i < point_; ++i) {
            if (i == point_) result += '.';
            result += static_cast<char>('0' + (i >= 0 && i < digits ? digits_[static_cast<std::size_t>(i)] : 0));
        }
        return is_zero() ? "0" : result;
    }

private:
    template <class U>
    static constexpr long long bits = 8 * sizeof(U);

    /// Appends the digits that stand there and gives how many.
    std::size_t digits_at(std::string_view text, std::size_t& at) {
        const std::size_t first = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) digits_ += static_cast<char>(text[at] - '0');
        return at - first;
    }
    /// An exponent, if one stands there. False: its digits are missing.
    bool exponent_at(std::string_view text, std::size_t& at) {
        if (at == text.size() || (text[at] != 'e' && text[at] != 'E')) return true;
        const bool negative = ++at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        // Beyond this the number is nothing, or more than any type holds, however many digits stand before it.
        constexpr long long limit = 1000000000000000;
        long long exponent = 0;
        const std::size_t first = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            if (exponent < limit) exponent = exponent * 10 + (text[at] - '0');
        }
        point_ += negative ? -exponent : exponent;
        return at > first;
    }

    void trim() {
        const std::size_t zeros = digits_.find_first_not_of('\0');
        if (zeros == std::string::npos) {
            digits_.clear();
            point_ = 0;
            return;
        }
        digits_.erase(0, zeros);
        point_ -= static_cast<long long>(zeros);
        digits_.erase(digits_.find_last_not_of('\0') + 1);
    }

    void twice() {
        int carry = 0;
        for (std::size_t i = digits_.size(); i-- > 0;) {
            const int digit = 2 * digits_[i] + carry;
            carry = digit / 10;
            digits_[i] = static_cast<char>(digit % 10);
        }
        if (carry != 0) {
            digits_.insert(digits_.begin(), static_cast<char>(carry));
            ++point_;
        }
        trim();
    }
    void half() {
        int rest = 0;
        for (char& digit : digits_) {
            const int value = 10 * rest + digit;
            digit = static_cast<char>(value / 2);
            rest = value % 2;
        }
        if (rest != 0) digits_ += static_cast<char>(5);
        trim();
    }

    std::string digits_;
    long long point_ = 0;
};

}  // namespace detail
}  // namespace kaon
