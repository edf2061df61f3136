module sluice/wsload

go 1.21
