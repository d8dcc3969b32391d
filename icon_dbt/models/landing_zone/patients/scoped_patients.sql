{{ scoped_rows('patients') }}
