#!/bin/sh
# Makes clips.bin, the spoken letters and digits of verification codes. Run it by hand, from this
# folder, after a change of ALPHABET in mod.rs; it needs espeak-ng and python3 (Debian).
#
# Licence: the words are spoken by the formant synthesis of eSpeak NG (GPL-3.0-or-later), whose
# licence covers the program and not the sound that it makes of a text; the clips are ours and under
# the licence of this repository.
set -eu
words="two three four five six seven eight nine
    alfa charlie delta echo foxtrot hotel kilo mike november papa romeo tango whiskey x-ray yankee"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
for word in $words; do
    espeak-ng -v en-gb -s 155 -p 45 -a 180 -w "$folder/$word.wav" "$word"
done
python3 - "$folder" $words <<'PYTHON'
"""To 8,000 samples of 8 bits a second, without the silence at both ends, equally loud."""
import sys, wave, array, struct

RATE = 8000
folder, words = sys.argv[1], sys.argv[2:]
with open("clips.bin", "wb") as out:
    for word in words:
        with wave.open(f"{folder}/{word}.wav") as spoken:
            rate = spoken.getframerate()
            samples = array.array("h", spoken.readframes(spoken.getnframes()))
        step = rate / RATE
        clip = []
        for place in range(int(len(samples) / step)):
            # The mean of what falls into a sample keeps higher tones from folding over.
            part = samples[int(place * step):max(int((place + 1) * step), int(place * step) + 1)]
            clip.append(sum(part) / len(part))
        loudest = max(abs(sample) for sample in clip)
        heard = [place for place, sample in enumerate(clip) if abs(sample) > loudest * 0.02]
        clip = clip[heard[0]:heard[-1] + 1]
        octets = bytes(128 + round(sample / loudest * 120) for sample in clip)
        out.write(struct.pack("<H", len(octets)) + octets)
PYTHON
ls -l clips.bin
