"""The NVIDIA GPU backend of ndgrad, on CuPy. It registers itself as a plugin: nothing here needs to be imported."""
