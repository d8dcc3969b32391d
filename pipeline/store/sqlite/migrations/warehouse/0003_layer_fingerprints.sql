-- with which statements each layer was built

create table ops_layer_fingerprints (layer text primary key, fingerprint text not null);
