"""What must hold in every scenario; the oracles compute it independently of the firmware."""
