SELECT reference.holds_sweep(200);
