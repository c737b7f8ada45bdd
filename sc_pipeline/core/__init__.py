"""staged -> core: text cells -> typed, validated rows of one release, and what was refused or doubted."""
