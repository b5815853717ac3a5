# A texture that may be shipped, see data/textures/README.md.
. bench/paper/rows/texture.inc
title='Texture, gravel'
texture "$root/data/textures/gravel.png"
