-- when the rows of the feature store became known

create table ops_feature_clock (known_at text not null, built_at text not null);

insert into ops_feature_clock select source_high_watermark, source_high_watermark from ops_build;
