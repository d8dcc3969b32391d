{{ scoped_rows('providers', revisit_keyless=true) }}
