"""Laboratory balances on a serial port: MT-SICS, Sartorius SBI, Ohaus; and a simulated one that speaks each of them."""
