# A texture that may be shipped, see data/textures/README.md.
. bench/paper/rows/texture.inc
title='Texture, brick'
texture "$root/data/textures/brick.png"
