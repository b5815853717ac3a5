module libdiffusion

go 1.19
