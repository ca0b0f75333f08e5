// refused: wide-integer in line 2, top
extern "C" unsigned _BitInt(96) top(unsigned _BitInt(96) a, unsigned _BitInt(96) b) { return a * b; }
