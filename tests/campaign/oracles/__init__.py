"""What must hold in every scenario, each oracle apart from the firmware."""
