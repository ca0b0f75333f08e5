"""Projects for HLS tools: the top function of a model, its test bench, scripts, and what a tool's reports say."""
