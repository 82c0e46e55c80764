"""The arithmetic of the lab that needs numpy only, so that its pages answer at once: noise paths, exact densities, pictures."""
