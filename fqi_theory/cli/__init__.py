"""The command line `fqi-theory`: app declares the commands, commands does what they say, inputs reads names."""
