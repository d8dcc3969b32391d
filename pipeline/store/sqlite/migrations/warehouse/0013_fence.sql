-- the number of the lease that committed last

create table ops_fence (number integer not null);
