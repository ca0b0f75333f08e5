#!/usr/bin/env python3
"""Trains a tagger 16-16-8-5 for a trigger on the first half of ../sample.csv.gz; writes tagger.keras and scaling.json.

Needs keras 3.15.1 with a backend (jax 0.10.2). About half a minute on one core.
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

from jets import CLASSES, HERE, SCALING, sample, scaled

keras.utils.set_random_seed(1804)
names, features, labels = sample()
half = len(labels) // 2
offset, spread = np.median(features[:half], axis=0), features[:half].std(axis=0)
SCALING.write_text(json.dumps({n: [float(f"{o:.3g}"), 2.0 ** round(-np.log2(s))] for n, o, s in zip(names, offset, spread)}, indent=1) + "\n")
events = scaled(names, features)

layers = [keras.Input((16,), name="jet")]
for number, width in enumerate((16, 8), 1):
    layers += [keras.layers.Dense(width, name=f"fc{number}", kernel_regularizer=keras.regularizers.L1(1e-4)), keras.layers.ReLU(name=f"relu{number}")]
model = keras.Sequential([*layers, keras.layers.Dense(len(CLASSES), name="scores")])
model.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
slower = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=3)
model.fit(events[:half], labels[:half], batch_size=256, epochs=40, verbose=0, callbacks=[slower])
model.save(HERE / "tagger.keras")
loss, accuracy = model.evaluate(events[half:], labels[half:], verbose=0)
print(f"accuracy {accuracy:.4f} on {len(labels) - half} jets")
