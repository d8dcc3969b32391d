-- from which inputs all layers were built, so that nothing new means nothing done

create table ops_build_inputs (digest text not null, run_id text not null, schema_version integer not null);
