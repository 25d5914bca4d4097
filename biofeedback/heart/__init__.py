"""Heart rate and blood pressure from straps and cuffs that speak Bluetooth Low Energy."""
