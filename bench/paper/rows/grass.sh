# A texture that may be shipped, see data/textures/README.md.
. bench/paper/rows/texture.inc
title='Texture, grass'
texture "$root/data/textures/grass.png"
