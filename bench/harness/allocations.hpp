// allocations.hpp: counts every heap allocation of the process.
// It replaces the C library's allocation functions (operator new ends in them too, also inside libraries that were
// loaded at run time), so it is included in exactly one translation unit of a program.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace bench {

inline std::atomic<std::uint64_t> allocation_count{0};

inline std::uint64_t allocations() noexcept { return allocation_count.load(std::memory_order_relaxed); }

inline void count_allocation() noexcept { allocation_count.fetch_add(1, std::memory_order_relaxed); }

}  // namespace bench

extern "C" {
// glibc's own names of the functions replaced below.
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) {
    bench::count_allocation();
    return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
    bench::count_allocation();
    return __libc_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) {
    bench::count_allocation();
    return __libc_realloc(block, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
    bench::count_allocation();
    return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    bench::count_allocation();
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
    bench::count_allocation();
    void* const allocated = __libc_memalign(alignment, bytes);
    if (allocated == nullptr) return ENOMEM;
    *block = allocated;
    return 0;
}
}
