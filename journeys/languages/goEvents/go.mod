module tandem/outside

go 1.26.0
