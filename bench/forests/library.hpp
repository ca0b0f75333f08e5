// library.hpp: functions of a shared library that comes without a header.
#pragma once

#include <dlfcn.h>
#include <stdexcept>
#include <string>

namespace bench {

class library {
public:
    explicit library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) throw std::runtime_error(dlerror());
    }

    /// Throws std::runtime_error where there is none of that name.
    template <class Function>
    void find(Function*& function, const char* name) const {
        void* const symbol = dlsym(handle_, name);
        if (symbol == nullptr) throw std::runtime_error(dlerror());
        function = reinterpret_cast<Function*>(symbol);
    }

private:
    void* handle_;
};

}  // namespace bench
