# Bark texture (section 3.2.3): Brodatz D12, which is under copyright and not part of this repository.
. bench/paper/rows/texture.inc
title='Bark, Brodatz D12'
texture "$shared/textures/brodatz_D12.pgm"
