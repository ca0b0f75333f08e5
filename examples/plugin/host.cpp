// host [--global] PLUGIN...: loads every plugin, reads events (numbers, a line an event), and lets each plugin score them in two
// threads, all at the same time. Writes the scores: a line an event, plugin after plugin.
// --global: with RTLD_GLOBAL, which lets the plugins see each other's symbols, as some frameworks do.

#include "tagger.hpp"

#include <dlfcn.h>

#include <cstring>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

const tagger* load(const char* path, int scope) {
    void* const library = dlopen(path, RTLD_NOW | scope);
    void* const entry = library ? dlsym(library, "kaon_example_tagger") : nullptr;
    if (!entry) throw std::runtime_error(dlerror());
    return reinterpret_cast<decltype(&kaon_example_tagger)>(entry)();
}

int main(int argc, char** argv) try {
    const bool global = argc > 1 && std::strcmp(argv[1], "--global") == 0;
    std::vector<const tagger*> taggers;
    for (int i = global ? 2 : 1; i < argc; ++i) taggers.push_back(load(argv[i], global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (taggers.empty()) throw std::runtime_error("no plugin; give the paths of shared libraries");

    const std::vector<float> events(std::istream_iterator<float>(std::cin), {});
    const std::size_t features = taggers[0]->features();
    if (events.size() % features != 0) throw std::runtime_error("events: their numbers do not fill whole events");
    for (const tagger* tag : taggers)
        if (tag->features() != features) throw std::runtime_error("plugins: they read events of different sizes");
    const std::size_t rows = events.size() / features, half = rows / 2;

    std::vector<std::vector<float>> scores;
    for (const tagger* tag : taggers) scores.emplace_back(rows * tag->classes());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < taggers.size(); ++i) {
        const tagger& tag = *taggers[i];
        threads.emplace_back([&, y = scores[i].data()] { tag(events.data(), half, y); });
        threads.emplace_back(
            [&, y = scores[i].data() + half * tag.classes()] { tag(events.data() + half * features, rows - half, y); });
    }
    for (std::thread& thread : threads) thread.join();

    std::cout.precision(9);
    for (std::size_t i = 0; i < taggers.size(); ++i)
        for (std::size_t k = 0; k < scores[i].size(); ++k)
            std::cout << scores[i][k] << ((k + 1) % taggers[i]->classes() == 0 ? '\n' : ' ');
} catch (const std::exception& error) {
    std::cerr << "host: " << error.what() << '\n';
    return 2;
}
